SELECT `spans`.`span_id`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND cityHash64(`spans`.`trace_id`) IN (SELECT cityHash64(arrayJoin({trace_ids:Array(String)})) AS `cityHash64_1`) AND has({trace_ids:Array(String)}, `spans`.`trace_id`) AND `spans`.`is_deleted` = {is_deleted_1:UInt8} AND `spans`.`ingested_at` >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC')
 LIMIT {limit:UInt64}
