SELECT intDiv(toUnixTimestamp(`spans`.`start_time`), {bucket_s:UInt32}) * {bucket_s:UInt32} AS `bucket`, toUInt64(round(sumIf(`spans`.`sample_weight`, true))) AS `toUInt64_1`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND (`spans`.`failure_fingerprint` IN {members:Array(String)}) AND `spans`.`failure_propagated` = {failure_propagated_1:Int64} GROUP BY bucket ORDER BY bucket
 LIMIT {limit:UInt64}
