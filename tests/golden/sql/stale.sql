SELECT `rollup_hour`.`project`, `rollup_hour`.`bucket`, `rollup_hour`.`app`, `rollup_hour`.`environment`, `rollup_hour`.`provider`, `rollup_hour`.`model`, `rollup_hour`.`kind`, `rollup_hour`.`operation`, `rollup_hour`.`is_root`, {version:UInt64} AS `new_version`, toUInt8({toUInt8_1:Int32}) AS `is_gone`
FROM `rollup_hour` FINAL
WHERE `rollup_hour`.`project` IN (SELECT arrayJoin({projects:Array(String)}) AS `arrayJoin_1`) AND `rollup_hour`.`bucket` IN (SELECT arrayJoin({buckets:Array(DateTime('UTC'))}) AS `arrayJoin_2`) AND tuple(`rollup_hour`.`project`, `rollup_hour`.`bucket`) IN (SELECT arrayJoin(arrayZip({projects:Array(String)}, {buckets:Array(DateTime('UTC'))})) AS `arrayJoin_3`) AND `rollup_hour`.`version` < {version:UInt64}
 LIMIT {rows:UInt64}
