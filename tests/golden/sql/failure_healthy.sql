SELECT `spans`.`trace_id`, `spans`.`span_id`, toUnixTimestamp64Nano(`spans`.`start_time`) AS `start_ns`, `spans`.`name`, `spans`.`kind`, `spans`.`app`, `spans`.`model`, `spans`.`app_version`, `spans`.`failure_fingerprint`, `spans`.`failure_message`, `spans`.`failure_reason`, `spans`.`input_preview`, `spans`.`output_preview`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`app` = {app:String} AND `spans`.`name` = {name:String} AND `spans`.`kind` = {kind:String} AND `spans`.`failure_category` = {failure_category_1:String} ORDER BY `spans`.`start_time` DESC, `spans`.`span_id`
 LIMIT {limit:UInt64}
