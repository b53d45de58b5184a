SELECT `spans`.`trace_id`, `spans`.`span_id`, substringUTF8(concat(`spans`.`tool_definitions`, `spans`.`system_instructions`, `spans`.`input`), {substringUTF8_1:Int32}, {substringUTF8_2:Int32}) AS `text`, lengthUTF8(concat(`spans`.`tool_definitions`, `spans`.`system_instructions`, `spans`.`input`)) AS `length`, `spans`.`input_tokens`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND has({trace_ids:Array(String)}, `spans`.`trace_id`) AND has({span_ids:Array(String)}, `spans`.`span_id`)
 LIMIT {rows:UInt64}
