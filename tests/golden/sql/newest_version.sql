SELECT max(`rollup_minute`.`version`) AS `max_1`
FROM `rollup_minute`
WHERE `rollup_minute`.`project` IN (SELECT arrayJoin({projects:Array(String)}) AS `arrayJoin_1`) AND `rollup_minute`.`bucket` IN (SELECT arrayJoin({buckets:Array(DateTime('UTC'))}) AS `arrayJoin_2`) AND tuple(`rollup_minute`.`project`, `rollup_minute`.`bucket`) IN (SELECT arrayJoin(arrayZip({projects:Array(String)}, {buckets:Array(DateTime('UTC'))})) AS `arrayJoin_3`)
 LIMIT {param_1:Int32}
