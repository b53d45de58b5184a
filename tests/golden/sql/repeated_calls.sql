SELECT `spans`.`project`, `spans`.`trace_id`
FROM `spans` FINAL
WHERE `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`counted` = {counted_1:Int64} AND `spans`.`response_id` != {response_id_1:String} GROUP BY `spans`.`project`, `spans`.`trace_id`
HAVING count(*) > uniqExact(`spans`.`response_id`) ORDER BY max(`spans`.`start_time`) DESC, `spans`.`project`, `spans`.`trace_id`
 LIMIT {traces:UInt64}
