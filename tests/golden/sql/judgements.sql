SELECT `scores`.`trace_id`, `scores`.`span_id`, `scores`.`name`, `scores`.`source`, argMax(tuple(`scores`.`value_type`, `scores`.`number`, `scores`.`text`, `scores`.`comment`, `scores`.`is_deleted`), `scores`.`scored_at`) AS `argMax_1`
FROM `scores`
WHERE `scores`.`project` = {project:String} AND `scores`.`scored_at` <= fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC') AND cityHash64(`scores`.`trace_id`) IN (SELECT cityHash64(arrayJoin({trace_ids:Array(String)})) AS `cityHash64_1`) AND has({trace_ids:Array(String)}, `scores`.`trace_id`) GROUP BY `scores`.`trace_id`, `scores`.`span_id`, `scores`.`name`, `scores`.`source`, `scores`.`score_id` ORDER BY `scores`.`trace_id`, `scores`.`span_id`, max(`scores`.`scored_at`) DESC, `scores`.`name`
 LIMIT {scores:UInt64}
