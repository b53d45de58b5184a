SELECT toUnixTimestamp(min(`rollup_hour`.`bucket`)) AS `toUnixTimestamp_1`
FROM `rollup_hour`
WHERE `rollup_hour`.`project` = {project:String} AND `rollup_hour`.`is_deleted` = {is_deleted_1:UInt8}
 LIMIT {rows:UInt64}
