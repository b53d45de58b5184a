SELECT `each`.`value`, uniqExact(`each`.`trace`) AS `traces`
FROM (SELECT arrayJoin(array(`spans`.`model`)) AS `value`, cityHash64(`spans`.`trace_id`) AS `trace`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `place_ns`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({wide_start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({wide_end_ns:Int64}, 'UTC') GROUP BY value, trace
HAVING {start_ns:Int64} <= place_ns AND {end_ns:Int64} > place_ns) AS `each`
WHERE `each`.`value` != {value_1:String} GROUP BY value ORDER BY traces DESC, value
 LIMIT {values:UInt64}
