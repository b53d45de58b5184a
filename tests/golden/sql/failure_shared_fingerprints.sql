SELECT `failure_hours`.`fingerprint`
FROM `failure_hours` FINAL
WHERE `failure_hours`.`project` = {project:String} AND `failure_hours`.`bucket` >= {first_hour:DateTime('UTC')} AND `failure_hours`.`bucket` < {end:DateTime('UTC')} AND has(`failure_hours`.`apps`, {app:String}) = {has_1:Int32} AND length(`failure_hours`.`apps`) > {has_1:Int32} GROUP BY `failure_hours`.`fingerprint` ORDER BY `failure_hours`.`fingerprint`
 LIMIT {shared:UInt64}
