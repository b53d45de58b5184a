SELECT `rollup_marks`.`project`, `rollup_marks`.`bucket`, `rollup_marks`.`token`
FROM `rollup_marks` FINAL
WHERE `rollup_marks`.`done` = {done_1:UInt8} AND (NOT endsWith(`rollup_marks`.`token`, {endsWith_1:String}) OR `rollup_marks`.`marked_at` < now() - toIntervalSecond({longest_change_s:UInt32})) ORDER BY `rollup_marks`.`bucket`, `rollup_marks`.`project`
 LIMIT {marks:UInt64}
