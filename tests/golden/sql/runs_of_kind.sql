SELECT `spans`.`trace_id`, toUnixTimestamp64Nano(`spans`.`start_time`) AS `start_ns`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`app` = {app:String} AND `spans`.`name` = {name:String} AND `spans`.`parent_span_id` = {parent_span_id_1:String} AND `spans`.`status` != {status_1:String} ORDER BY `spans`.`start_time` DESC, `spans`.`trace_id`
 LIMIT {limit:UInt64}
