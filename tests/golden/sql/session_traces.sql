SELECT `spans`.`trace_id`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `first_ns`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`session` = {session:String} GROUP BY `spans`.`trace_id`
HAVING less(tuple({after_ns:Int64}, {after_id:String}), tuple(first_ns, `spans`.`trace_id`)) ORDER BY first_ns, `spans`.`trace_id`
 LIMIT {traces:UInt64}
