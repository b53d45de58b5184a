SELECT `rollup_minute`.`app` AS `by_app`, arrayElement(quantilesDDMerge(0.01, 0.5, 0.9, 0.95, 0.99)(`rollup_minute`.`duration`), {arrayElement_1:Int32}) AS `duration_p50`, arrayElement(quantilesDDMerge(0.01, 0.5, 0.9, 0.95, 0.99)(`rollup_minute`.`duration`), {arrayElement_2:Int32}) AS `duration_p95`, arrayElement(quantilesDDMerge(0.01, 0.5, 0.9, 0.95, 0.99)(`rollup_minute`.`time_to_first_token`), {arrayElement_3:Int32}) AS `first_token_p95`
FROM `rollup_minute` FINAL
WHERE `rollup_minute`.`project` = {project:String} AND `rollup_minute`.`bucket` >= {start:DateTime('UTC')} AND `rollup_minute`.`bucket` < {end:DateTime('UTC')} AND has({only_app:Array(String)}, `rollup_minute`.`app`) = {has_1:Int32} AND `rollup_minute`.`kind` IN {kind_1:Array(String)} GROUP BY by_app
 LIMIT {rows:UInt64}
