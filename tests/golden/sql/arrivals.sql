SELECT `spans`.`trace_id`, toUnixTimestamp64Nano(max(`spans`.`ingested_at`)) AS `newest_ns`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND toStartOfMinute(`spans`.`start_time`) IN (SELECT toDateTime(arrayJoin({starts:Array(UInt32)}), 'UTC') AS `toDateTime_1`) AND `spans`.`ingested_at` > fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') GROUP BY `spans`.`trace_id` ORDER BY newest_ns DESC, `spans`.`trace_id`
 LIMIT {traces:UInt64}
