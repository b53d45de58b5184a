SELECT `scores`.`project`, `scores`.`trace_id`, toUnixTimestamp64Nano(max(`scores`.`scored_at`)) AS `toUnixTimestamp64Nano_1`
FROM `scores`
WHERE `scores`.`scored_at` > fromUnixTimestamp64Nano({after_ns:Int64}, 'UTC') AND `scores`.`scored_at` <= fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC') AND `scores`.`trace_id` != {trace_id_1:String} GROUP BY `scores`.`project`, `scores`.`trace_id` ORDER BY max(`scores`.`scored_at`), `scores`.`project`, `scores`.`trace_id`
 LIMIT {traces:UInt64}
