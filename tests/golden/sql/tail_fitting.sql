SELECT `spans`.`trace_id`, toUnixTimestamp64Nano(minIf(`spans`.`start_time`, `spans`.`status` = {status_1:String})) AS `place_ns`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({wide_start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({wide_end_ns:Int64}, 'UTC') AND (cityHash64(`spans`.`trace_id`) GLOBAL IN (SELECT cityHash64(`spans`.`trace_id`) AS `cityHash64_1`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`status` = {status_1:String})) AND cityHash64(`spans`.`trace_id`) IN (SELECT cityHash64(arrayJoin({trace_ids:Array(String)})) AS `cityHash64_2`) AND has({trace_ids:Array(String)}, `spans`.`trace_id`) GROUP BY `spans`.`trace_id`
HAVING argMin(`spans`.`status`, tuple(`spans`.`parent_span_id` != {parent_span_id_1:String}, `spans`.`start_time`, -`spans`.`duration_ns`, `spans`.`span_id`)) = {status_1:String} AND {start_ns:Int64} <= place_ns AND {end_ns:Int64} > place_ns
 LIMIT {traces:UInt64}
