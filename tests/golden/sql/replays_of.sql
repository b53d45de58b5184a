SELECT DISTINCT `spans`.`trace_id`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`scope_name` = {scope_name_1:String} AND has({trace_ids:Array(String)}, arrayElement(`spans`.`attributes`, {param_1:String}))
 LIMIT {traces:UInt64}
