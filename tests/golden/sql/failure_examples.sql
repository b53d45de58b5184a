SELECT `spans`.`trace_id`, `spans`.`span_id`, toUnixTimestamp64Nano(`spans`.`start_time`) AS `start_ns`, `spans`.`name`, `spans`.`kind`, `spans`.`app`, `spans`.`model`, `spans`.`app_version`, `spans`.`failure_fingerprint`, `spans`.`failure_message`, `spans`.`failure_reason`, `spans`.`input_preview`, `spans`.`output_preview`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND has({members:Array(String)}, `spans`.`failure_fingerprint`) = {has_1:Int32} AND `spans`.`failure_propagated` = {failure_propagated_1:Int64} ORDER BY `spans`.`start_time` DESC, `spans`.`span_id`
 LIMIT {limit:UInt64}
