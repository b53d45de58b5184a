SELECT DISTINCT `spans`.`failure_fingerprint`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`failure_fingerprint` != {failure_fingerprint_1:String} AND `spans`.`failure_propagated` = {failure_propagated_1:Int64} AND (`spans`.`failure_fingerprint` IN {members:Array(String)})
 LIMIT {fingerprints:UInt64}
