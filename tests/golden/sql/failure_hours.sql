SELECT transform(`spans`.`failure_fingerprint`, {fingerprints:Array(String)}, {clusters:Array(String)}, {transform_1:String}) AS `cluster`, toStartOfHour(`spans`.`start_time`) AS `hour`, count(*) AS `count_1`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`failure_fingerprint` != {failure_fingerprint_1:String} AND `spans`.`failure_propagated` = {failure_propagated_1:Int64} GROUP BY cluster, hour ORDER BY cluster, hour
 LIMIT {limit:UInt64}
