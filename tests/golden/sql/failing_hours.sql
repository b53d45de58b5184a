SELECT `spans`.`project`, toStartOfHour(`spans`.`start_time`) AS `hour`
FROM `spans`
WHERE `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`failure_fingerprint` != {failure_fingerprint_1:String} AND `spans`.`failure_propagated` = {failure_propagated_1:Int64} GROUP BY `spans`.`project`, hour ORDER BY `spans`.`project`, hour
 LIMIT {hours:UInt64}
