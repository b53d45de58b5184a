SELECT `spans`.`trace_id`
FROM `spans` FINAL
PREWHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND (toStartOfMinute(`spans`.`start_time`) IN {minutes:Array(DateTime('UTC'))}) AND (cityHash64(`spans`.`trace_id`) IN {hashes:Array(UInt64)}) AND (`spans`.`trace_id` IN {trace_ids:Array(String)})
WHERE `spans`.`app` = {app:String} GROUP BY `spans`.`trace_id`
 LIMIT {traces:UInt64}
