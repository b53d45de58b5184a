SELECT `spans`.`trace_id`, `spans`.`span_id`, `spans`.`parent_span_id`, toUnixTimestamp64Nano(`spans`.`start_time`) AS `start_ns`, `spans`.`error_type`, `spans`.`failure_category`, `spans`.`failure_fingerprint`, `spans`.`failure_message`, `spans`.`failure_propagated`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND cityHash64(`spans`.`trace_id`) IN (SELECT cityHash64(arrayJoin({trace_ids:Array(String)})) AS `cityHash64_1`) AND has({trace_ids:Array(String)}, `spans`.`trace_id`) ORDER BY `spans`.`trace_id`, `spans`.`start_time`, `spans`.`span_id`
 LIMIT {spans:UInt64}
