SELECT arrayJoin(`spans`.`tags`) AS `tag`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') GROUP BY tag
 LIMIT {rows:UInt64}
