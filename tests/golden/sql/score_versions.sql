SELECT any(`scores`.`trace_id`) AS `the_trace_id`, any(`scores`.`span_id`) AS `the_span_id`, any(`scores`.`session`) AS `the_session`, any(`scores`.`name`) AS `the_name`, any(`scores`.`source`) AS `the_source`, any(`scores`.`author`) AS `the_author`, toUnixTimestamp64Nano(max(`scores`.`scored_at`)) AS `at_ns`, argMax(`scores`.`is_deleted`, `scores`.`scored_at`) AS `deleted`
FROM `scores`
WHERE `scores`.`project` = {project:String} AND `scores`.`score_id` = {score_id:String} GROUP BY toYYYYMM(`scores`.`scored_at`)
 LIMIT {months:UInt64}
