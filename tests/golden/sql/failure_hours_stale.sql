SELECT `failure_hours`.`project`, `failure_hours`.`bucket`, `failure_hours`.`fingerprint`, {version:UInt64} AS `new_version`, toUInt8({toUInt8_1:Int32}) AS `is_gone`
FROM `failure_hours` FINAL
WHERE `failure_hours`.`project` IN (SELECT arrayJoin({projects:Array(String)}) AS `arrayJoin_1`) AND `failure_hours`.`bucket` IN (SELECT arrayJoin({buckets:Array(DateTime('UTC'))}) AS `arrayJoin_2`) AND tuple(`failure_hours`.`project`, `failure_hours`.`bucket`) IN (SELECT arrayJoin(arrayZip({projects:Array(String)}, {buckets:Array(DateTime('UTC'))})) AS `arrayJoin_3`) AND `failure_hours`.`version` < {version:UInt64}
 LIMIT {rows:UInt64}
