SELECT `spans`.`trace_id`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `first_ns`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`app` = {app:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') GROUP BY `spans`.`trace_id`
HAVING less(tuple(first_ns, `spans`.`trace_id`), tuple({before_ns:Int64}, {before_id:String})) ORDER BY first_ns DESC, `spans`.`trace_id` DESC
 LIMIT {candidates:UInt64}
