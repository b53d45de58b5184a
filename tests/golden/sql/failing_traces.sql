SELECT `spans`.`project`, `spans`.`trace_id`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `toUnixTimestamp64Nano_1`, toUnixTimestamp64Nano(max(`spans`.`start_time`)) AS `toUnixTimestamp64Nano_2`
FROM `spans`
WHERE `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`failure_fingerprint` != {failure_fingerprint_1:String} GROUP BY `spans`.`project`, `spans`.`trace_id`
HAVING count(*) > {count_1:Int32} AND max(`spans`.`ingested_at`) > fromUnixTimestamp64Nano({ingested_after_ns:Int64}, 'UTC') ORDER BY `spans`.`project`, `spans`.`trace_id`
 LIMIT {traces:UInt64}
