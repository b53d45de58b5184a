SELECT if(count(*) > {count_1:Int32}, toUnixTimestamp64Nano(min(`spans`.`start_time`)), {count_1:Int32}) AS `if_1`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`app` = {app:String} AND `spans`.`app_version` = {version:String}
 LIMIT {param_1:Int32}
