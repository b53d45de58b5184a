SELECT `rollup_marks`.`project`, `rollup_marks`.`bucket`, toUnixTimestamp(max(`rollup_marks`.`marked_at`)) AS `toUnixTimestamp_1`, sumDistinct(cityHash64(`rollup_marks`.`token`)) AS `sumDistinct_1`
FROM `rollup_marks`
WHERE `rollup_marks`.`marked_at` >= toDateTime({since_s:UInt32}) GROUP BY `rollup_marks`.`project`, `rollup_marks`.`bucket`
HAVING less(tuple({after_s:UInt32}, {after_project:String}, {after_bucket:DateTime('UTC')}), tuple(toUnixTimestamp(max(`rollup_marks`.`marked_at`)), `rollup_marks`.`project`, `rollup_marks`.`bucket`)) ORDER BY toUnixTimestamp(max(`rollup_marks`.`marked_at`)), `rollup_marks`.`project`, `rollup_marks`.`bucket`
 LIMIT {minutes:UInt64}
