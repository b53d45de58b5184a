SELECT `spans`.`response_id`, argMax(`spans`.`trace_id`, `spans`.`start_time`) AS `call_trace_id`, argMax(`spans`.`span_id`, `spans`.`start_time`) AS `call_span_id`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND has({response_ids:Array(String)}, `spans`.`response_id`) AND `spans`.`counted` = {counted_1:Int64} GROUP BY `spans`.`response_id`
 LIMIT {calls:UInt64}
