SELECT `spans`.`project`, `spans`.`trace_id`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `toUnixTimestamp64Nano_1`, toUnixTimestamp64Nano(max(`spans`.`start_time`)) AS `toUnixTimestamp64Nano_2`
FROM `spans`
WHERE `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`start_time` >= {around_start:DateTime('UTC')} AND `spans`.`start_time` < {around_end:DateTime('UTC')} AND `spans`.`failure_fingerprint` != {failure_fingerprint_1:String} AND `spans`.`trace_id` IN (SELECT `spans`.`trace_id`
FROM `spans`
WHERE `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`project` IN (SELECT arrayJoin({projects:Array(String)}) AS `arrayJoin_1`) AND toStartOfMinute(`spans`.`start_time`) IN (SELECT arrayJoin({buckets:Array(DateTime('UTC'))}) AS `arrayJoin_2`) AND tuple(`spans`.`project`, toStartOfMinute(`spans`.`start_time`)) IN (SELECT arrayJoin(arrayZip({projects:Array(String)}, {buckets:Array(DateTime('UTC'))})) AS `arrayJoin_3`) AND `spans`.`failure_fingerprint` != {failure_fingerprint_1:String}) GROUP BY `spans`.`project`, `spans`.`trace_id`
HAVING uniqExact(`spans`.`span_id`) > {uniqExact_1:Int32} ORDER BY `spans`.`project`, `spans`.`trace_id`
 LIMIT {traces:UInt64}
