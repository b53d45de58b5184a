SELECT `each`.`value`, uniqExact(`each`.`trace`) + toUInt64(arraySum(tupleElement(groupUniqArrayIf(tuple(`each`.`trace`, toUInt64(round(`each`.`weight`)) - {toUInt64_1:Int32}), `each`.`weight` > {toUInt64_1:Int32}), {tupleElement_1:Int32}))) AS `traces`, max(`each`.`weight`) > {toUInt64_1:Int32} AS `sampled`
FROM (SELECT arrayJoin(array(`spans`.`model`)) AS `value`, cityHash64(`spans`.`trace_id`) AS `trace`, toUInt64(round(max(`spans`.`sample_weight`))) AS `weight`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `place_ns`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({wide_start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({wide_end_ns:Int64}, 'UTC') GROUP BY value, trace
HAVING {start_ns:Int64} <= place_ns AND {end_ns:Int64} > place_ns) AS `each`
WHERE `each`.`value` != {value_1:String} GROUP BY value ORDER BY traces DESC, value
 LIMIT {values:UInt64}
