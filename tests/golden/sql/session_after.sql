SELECT `spans`.`trace_id`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `first_ns`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`session` = {session:String} AND `spans`.`trace_id` != {trace_id:String} GROUP BY `spans`.`trace_id` ORDER BY first_ns, `spans`.`trace_id`
 LIMIT {limit:UInt64}
