SELECT `spans`.`trace_id`, toUInt64(round(max(`spans`.`sample_weight`))) AS `toUInt64_1`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `toUnixTimestamp64Nano_1`, max(`spans`.`user`) AS `max_1`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`app` = {app_1:String} AND (cityHash64(`spans`.`trace_id`) GLOBAL IN (SELECT cityHash64(`scores`.`trace_id`) AS `cityHash64_1`
FROM `scores`
WHERE `scores`.`project` = {project:String} AND `scores`.`name` = {score:String} AND `scores`.`value_type` IN {value_type_1:Array(String)} AND `scores`.`trace_id` != {trace_id_1:String} AND toUnixTimestamp64Nano(`scores`.`scored_at`) >= {scored_from:Int64} AND toUnixTimestamp64Nano(`scores`.`scored_at`) < {scored_to:Int64})) GROUP BY `spans`.`trace_id`
 LIMIT {traces:UInt64}
