SELECT any(`scores`.`trace_id`) AS `any_1`, toUnixTimestamp64Nano(max(`scores`.`scored_at`)) AS `toUnixTimestamp64Nano_1`, argMax(`scores`.`number`, `scores`.`scored_at`) AS `argMax_1`
FROM `scores`
WHERE `scores`.`project` = {project:String} AND `scores`.`name` = {score:String} AND `scores`.`value_type` IN {value_type_1:Array(String)} AND `scores`.`trace_id` != {trace_id_1:String} AND toUnixTimestamp64Nano(`scores`.`scored_at`) >= {scored_from:Int64} AND toUnixTimestamp64Nano(`scores`.`scored_at`) < {scored_to:Int64} GROUP BY `scores`.`score_id`
HAVING argMax(`scores`.`is_deleted`, `scores`.`scored_at`) = {argMax_2:Int32}
 LIMIT {scores:UInt64}
