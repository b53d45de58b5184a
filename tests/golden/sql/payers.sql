SELECT `rollup_hour`.`app`, `rollup_hour`.`environment`, emptyArrayString() AS `own_tags`
FROM `rollup_hour` FINAL
WHERE `rollup_hour`.`project` = {project:String} AND `rollup_hour`.`bucket` >= toStartOfHour({start:DateTime('UTC')}) AND `rollup_hour`.`bucket` < {end:DateTime('UTC')} GROUP BY `rollup_hour`.`app`, `rollup_hour`.`environment`
 LIMIT {rows:UInt64}
