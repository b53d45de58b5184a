SELECT transform(`failure_hours`.`fingerprint`, {fingerprints:Array(String)}, {clusters:Array(String)}, {transform_1:String}) AS `cluster`, toUnixTimestamp64Nano(min(`failure_hours`.`first_start`)) AS `toUnixTimestamp64Nano_1`, toUnixTimestamp64Nano(max(`failure_hours`.`last_start`)) AS `toUnixTimestamp64Nano_2`
FROM `failure_hours` FINAL
WHERE `failure_hours`.`project` = {project:String} AND `failure_hours`.`bucket` >= {first_hour:DateTime('UTC')} AND `failure_hours`.`bucket` < {end:DateTime('UTC')} AND has(`failure_hours`.`apps`, {app:String}) = {has_1:Int32} GROUP BY cluster ORDER BY cluster
 LIMIT {limit:UInt64}
