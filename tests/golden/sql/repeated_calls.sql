SELECT DISTINCT `spans`.`project`, `spans`.`trace_id`
FROM `spans` FINAL
WHERE `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`project` IN (SELECT arrayJoin({projects:Array(String)}) AS `arrayJoin_1`) AND toStartOfMinute(`spans`.`start_time`) IN (SELECT arrayJoin({buckets:Array(DateTime('UTC'))}) AS `arrayJoin_2`) AND tuple(`spans`.`project`, toStartOfMinute(`spans`.`start_time`)) IN (SELECT arrayJoin(arrayZip({projects:Array(String)}, {buckets:Array(DateTime('UTC'))})) AS `arrayJoin_3`) AND `spans`.`kind` IN {kind_1:Array(String)} AND `spans`.`response_id` != {response_id_1:String} GROUP BY `spans`.`project`, `spans`.`trace_id`, `spans`.`response_id`
HAVING count(*) > {count_1:Int32} AND sum(`spans`.`counted`) != {sum_1:Int64} ORDER BY `spans`.`project`, `spans`.`trace_id`
 LIMIT {traces:UInt64}
