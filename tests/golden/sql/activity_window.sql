SELECT toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `first_ns`, toUnixTimestamp64Nano(max(`spans`.`start_time`)) AS `last_ns`, count(*) AS `spans`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`session` = {holder:String}
 LIMIT {rows:UInt64}
