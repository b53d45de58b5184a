SELECT `rollup_marks`.`project`, `rollup_marks`.`bucket`, `rollup_marks`.`token`
FROM `rollup_marks` FINAL
WHERE `rollup_marks`.`done` = {done_1:UInt8} ORDER BY `rollup_marks`.`bucket`, `rollup_marks`.`project`
 LIMIT {marks:UInt64}
