SELECT toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `first_ns`, toUnixTimestamp64Nano(max(`spans`.`start_time`)) AS `last_ns`, count(*) AS `calls`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`cost_state` != {cost_state_1:String} GROUP BY toStartOfHour(`spans`.`start_time`) ORDER BY first_ns
 LIMIT {hours:UInt64}
