SELECT `spans`.`trace_id`, `spans`.`span_id`, toUnixTimestamp64Nano(`spans`.`ingested_at`) AS `ingested_ns`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND cityHash64(`spans`.`trace_id`) IN (SELECT cityHash64(arrayJoin({trace_ids:Array(String)})) AS `cityHash64_1`) AND has({trace_ids:Array(String)}, `spans`.`trace_id`) AND has(arrayZip({key_traces:Array(String)}, {key_spans:Array(String)}), tuple(`spans`.`trace_id`, `spans`.`span_id`))
 LIMIT {spans:UInt64}
