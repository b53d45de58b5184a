SELECT `spans`.`app`, `spans`.`app_version`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `toUnixTimestamp64Nano_1`, count(*) AS `count_1`, countIf((`spans`.`failure_fingerprint` IN {members:Array(String)}) AND `spans`.`failure_propagated` = {failure_propagated_1:Int64}) AS `countIf_1`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND (`spans`.`app` IN {apps:Array(String)}) AND `spans`.`app_version` != {app_version_1:String} GROUP BY `spans`.`app`, `spans`.`app_version` ORDER BY min(`spans`.`start_time`) DESC, `spans`.`app`, `spans`.`app_version`
 LIMIT {limit:UInt64}
