SELECT `hours`.`cluster`, groupArray(`hours`.`hour`) AS `groupArray_1`, groupArray(`hours`.`spans`) AS `groupArray_2`
FROM (SELECT transform(`failure_hours`.`fingerprint`, {fingerprints:Array(String)}, {clusters:Array(String)}, {transform_1:String}) AS `cluster`, intDiv(toUnixTimestamp(`failure_hours`.`bucket`), {intDiv_1:Int32}) AS `hour`, sum(`failure_hours`.`spans`) AS `spans`
FROM `failure_hours` FINAL
WHERE `failure_hours`.`project` = {project:String} AND `failure_hours`.`bucket` >= {first_hour:DateTime('UTC')} AND `failure_hours`.`bucket` < {end:DateTime('UTC')} GROUP BY cluster, hour
 LIMIT {rows:UInt64}) AS `hours` GROUP BY `hours`.`cluster` ORDER BY `hours`.`cluster`
 LIMIT {limit:UInt64}
