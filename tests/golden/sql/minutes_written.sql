SELECT `rollup_marks`.`bucket`
FROM `rollup_marks`
WHERE `rollup_marks`.`project` = {project:String} AND `rollup_marks`.`marked_at` >= now() - toIntervalSecond({within_s:UInt32}) GROUP BY `rollup_marks`.`bucket` ORDER BY `rollup_marks`.`bucket` DESC
 LIMIT {minutes:UInt64}
