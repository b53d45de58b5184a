SELECT `each`.`value`, uniqExact(`each`.`trace`) + toUInt64(arraySum(tupleElement(groupUniqArrayIf(tuple(`each`.`trace`, toUInt64(round(`each`.`weight`)) - {toUInt64_1:Int32}), `each`.`weight` > {toUInt64_1:Int32}), {tupleElement_1:Int32}))) AS `traces`, max(`each`.`weight`) > {toUInt64_1:Int32} AS `sampled`
FROM (SELECT if(`found`.`trace_status` = {trace_status_1:String}, {if_1:String}, `found`.`trace_status`) AS `value`, cityHash64(`found`.`trace_id`) AS `trace`, `found`.`weight` AS `weight`
FROM (SELECT `spans`.`trace_id` AS `trace_id`, toUnixTimestamp64Nano(minIf(`spans`.`start_time`, `spans`.`app` = {app_1:String})) AS `place_ns`, toUInt64(round(maxIf(`spans`.`sample_weight`, `spans`.`app` = {app_1:String}))) AS `weight`, argMin(`spans`.`status`, tuple(`spans`.`parent_span_id` != {parent_span_id_1:String}, `spans`.`start_time`, -`spans`.`duration_ns`, `spans`.`span_id`)) AS `trace_status`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({wide_start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({wide_end_ns:Int64}, 'UTC') AND (cityHash64(`spans`.`trace_id`) GLOBAL IN (SELECT cityHash64(`spans`.`trace_id`) AS `cityHash64_1`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`app` = {app_1:String})) GROUP BY `spans`.`trace_id`
HAVING max(`spans`.`app` = {app_1:String}) = {toUInt64_1:Int32} AND {start_ns:Int64} <= place_ns AND {end_ns:Int64} > place_ns) AS `found`) AS `each`
WHERE `each`.`value` != {parent_span_id_1:String} GROUP BY value ORDER BY traces DESC, value
 LIMIT {values:UInt64}
