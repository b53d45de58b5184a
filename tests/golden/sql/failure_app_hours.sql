SELECT `hours`.`cluster`, groupArray(`hours`.`hour`) AS `groupArray_1`, groupArray(`hours`.`spans`) AS `groupArray_2`
FROM (SELECT transform(`sums`.`fingerprint`, {fingerprints:Array(String)}, {clusters:Array(String)}, {transform_1:String}) AS `cluster`, intDiv(toUnixTimestamp(`sums`.`bucket`), {intDiv_1:Int32}) AS `hour`, sum(`sums`.spans) AS `spans`
FROM (SELECT `failure_hours`.`fingerprint` AS `fingerprint`, `failure_hours`.`bucket` AS `bucket`, spans, more_traces, cost_usd, traces, users, sessions, apps, app_versions, first_start, last_start
FROM `failure_hours` FINAL
WHERE `failure_hours`.`project` = {project:String} AND `failure_hours`.`bucket` >= {first_hour:DateTime('UTC')} AND `failure_hours`.`bucket` < {end:DateTime('UTC')} AND has(`failure_hours`.`apps`, {app:String}) = {has_1:Int32} AND NOT (`failure_hours`.`fingerprint` IN {shared:Array(String)})) AS `sums` GROUP BY cluster, hour
 LIMIT {rows:UInt64}) AS `hours` GROUP BY `hours`.`cluster` ORDER BY `hours`.`cluster`
 LIMIT {limit:UInt64}
