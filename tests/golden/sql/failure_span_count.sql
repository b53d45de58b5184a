SELECT count(*) AS `count_1`, countIf(`spans`.`failure_fingerprint` IN {members:Array(String)}) AS `countIf_1`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND (`spans`.`kind` IN {kinds:Array(String)}) AND (`spans`.`app` IN {apps:Array(String)})
 LIMIT {param_1:Int32}
