SELECT DISTINCT `rollup_marks`.`project`, `rollup_marks`.`bucket`
FROM `rollup_marks`
WHERE `rollup_marks`.`project` IN (SELECT arrayJoin({projects:Array(String)}) AS `arrayJoin_1`) AND `rollup_marks`.`bucket` IN (SELECT arrayJoin({buckets:Array(DateTime('UTC'))}) AS `arrayJoin_2`) AND tuple(`rollup_marks`.`project`, `rollup_marks`.`bucket`) IN (SELECT arrayJoin(arrayZip({projects:Array(String)}, {buckets:Array(DateTime('UTC'))})) AS `arrayJoin_3`) AND `rollup_marks`.`done` = {closed:UInt8}
 LIMIT {days:UInt64}
